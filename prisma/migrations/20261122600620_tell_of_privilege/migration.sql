-- One administrator alone can make another, who need not exist, and pass with them what needs two. It cannot be kept from happening in a
-- clinic that has one; it can be kept from happening unseen.
SET LOCAL ROLE app_owner;

-- Tells everybody who administers or oversees that an account can sign in with such a role from now on, also whoever gave it: it may not
-- have been them. Whichever function did it: an invitation, another role, letting somebody in again, the identity provider.
CREATE FUNCTION app.tell_of_privilege() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.notify_role('admin', 'privileged-role', NEW.id, NEW.id);
  PERFORM app.notify_role('compliance', 'privileged-role-given', NEW.id, NEW.id);
  RETURN NULL;
END
$$;
CREATE TRIGGER account_made_privileged AFTER INSERT ON app.account FOR EACH ROW
  WHEN (NEW.role IN ('admin', 'compliance') AND NEW.status = 'invited') EXECUTE FUNCTION app.tell_of_privilege();
CREATE TRIGGER account_became_privileged AFTER UPDATE OF role, status ON app.account FOR EACH ROW
  WHEN (NEW.role IN ('admin', 'compliance') AND NEW.status IN ('invited', 'active') AND (OLD.role <> NEW.role OR OLD.status = 'deactivated'))
  EXECUTE FUNCTION app.tell_of_privilege();

-- As before; open sessions are counted by the time that the role may be without use, as everywhere else.
CREATE OR REPLACE FUNCTION app.staff_list(p_token text)
RETURNS TABLE (account_id uuid, role text, display_name text, job_title text, email_sealed text, status text, second_factor boolean, created_at timestamptz, last_sign_in_at timestamptz, open_sessions integer,
  blocked_until timestamptz, blocked_for_good boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  RETURN QUERY
    SELECT a.id, a.role, a.display_name, a.job_title, a.email_sealed::text, a.status, app.has_second_factor(a.id), a.created_at::timestamptz, a.last_sign_in_at::timestamptz,
           (SELECT count(*)::integer FROM app.session s WHERE s.account_id = a.id AND app.session_is_open(s, v.db_now)),
           t.blocked_until::timestamptz, coalesce(t.blocked_until > v.db_now + interval '1 year', false)
      FROM app.account a
      LEFT JOIN LATERAL (SELECT max(s.blocked_until) AS blocked_until FROM app.sign_in_throttle s
                          WHERE s.key IN (a.email_token, a.email_token_even) AND s.kind = 'account' AND s.blocked_until > v.db_now) t ON true
     WHERE a.role NOT IN ('patient', 'proxy', 'service') ORDER BY a.display_name, a.id LIMIT 500;
END
$$;
RESET ROLE;
