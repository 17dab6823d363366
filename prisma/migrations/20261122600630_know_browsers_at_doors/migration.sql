-- Whether anybody signed in with a browser before: then it is counted by itself at doors that a whole clinic shares an address with.
SET LOCAL ROLE app_owner;
CREATE FUNCTION app.is_known_browser(p_device bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM app.known_device d WHERE d.token_hash = p_device)
$$;
GRANT EXECUTE ON FUNCTION app.is_known_browser(bytea) TO vigil_app;
RESET ROLE;
