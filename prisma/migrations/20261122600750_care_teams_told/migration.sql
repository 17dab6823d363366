-- Tells of every change of a care team. Whoever is in a team reads the records of all its patients, and the login of the worker may put
-- people into one: until now nothing said that it had.
SET LOCAL ROLE app_owner;

CREATE FUNCTION app.tell_of_care_team() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM audit.record_event('CARE_TEAM_CHANGED', NULL, NULL, NULL, NEW.account_id,
    jsonb_strip_nulls(jsonb_build_object('team', NEW.care_team_id, 'from', NEW.starts_at, 'until', NEW.ends_at)), 'DONE', NULL);
  RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION app.tell_of_care_team() FROM PUBLIC;
CREATE TRIGGER tell_of_care_team AFTER INSERT OR UPDATE ON app.care_team_member FOR EACH ROW EXECUTE FUNCTION app.tell_of_care_team();
RESET ROLE;
