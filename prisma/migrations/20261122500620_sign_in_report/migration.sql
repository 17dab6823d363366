-- What an administrator sees of tries to get in: when, from which networks, and whose account is shut. Of patients there are numbers,
-- never a person; and of an address the network, so that nobody's home can be told from it.
SET LOCAL ROLE audit_owner;
GRANT CREATE ON SCHEMA audit TO audit_gate;
SET LOCAL ROLE audit_gate;

-- Which events are tries of somebody who was not let in. The last two were turned away before anything was checked.
CREATE FUNCTION audit.refused_sign_ins() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT ARRAY['SIGN_IN_FAILED', 'SECOND_FACTOR_REFUSED', 'PASSKEY_REFUSED', 'MAIL_LINK_REFUSED', 'ACTIVATION_REFUSED', 'FEDERATED_SIGN_IN_REFUSED',
    'LOGOUT_TOKEN_REFUSED', 'SCIM_REFUSED', 'SIGN_IN_THROTTLED', 'DOOR_LIMITED']
$$;

-- Tries over time, quiet intervals included. p_unit: hour or day, on the wall clock of a zone.
CREATE FUNCTION audit.sign_in_failures(p_token text, p_unit text, p_intervals integer, p_zone text)
RETURNS TABLE (starts_at text, tries integer, turned_away integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_step interval := CASE p_unit WHEN 'hour' THEN interval '1 hour' WHEN 'day' THEN interval '1 day' END;
  v_last timestamp := date_trunc(p_unit, clock_timestamp() AT TIME ZONE p_zone);
  v_first timestamp := v_last - (least(greatest(p_intervals, 1), 100) - 1) * v_step;
BEGIN
  PERFORM app.administrator(p_token);
  RETURN QUERY
    WITH counted AS (
      SELECT date_trunc(p_unit, e.accessed_at AT TIME ZONE p_zone) AS at, count(*)::integer AS tries,
             (count(*) FILTER (WHERE e.event_type IN ('SIGN_IN_THROTTLED', 'DOOR_LIMITED')))::integer AS turned_away
        FROM audit.security_event_log e
       WHERE e.event_type = ANY (audit.refused_sign_ins()) AND e.accessed_at >= v_first AT TIME ZONE p_zone GROUP BY 1)
    SELECT to_char(i, 'YYYY-MM-DD"T"HH24:MI'), coalesce(c.tries, 0), coalesce(c.turned_away, 0)
      FROM generate_series(v_first, v_last, v_step) i LEFT JOIN counted c ON c.at = i ORDER BY i;
END
$$;

-- Where they came from: the /24 or the /48 around an address, the busiest first.
CREATE FUNCTION audit.sign_in_sources(p_token text, p_hours integer)
RETURNS TABLE (network text, tries integer, turned_away integer, addresses integer, accounts integer, last_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM app.administrator(p_token);
  RETURN QUERY
    SELECT n.network, count(*)::integer, (count(*) FILTER (WHERE n.event_type IN ('SIGN_IN_THROTTLED', 'DOOR_LIMITED')))::integer,
           count(DISTINCT n.client_ip)::integer, count(DISTINCT n.subject_account_id)::integer, max(n.accessed_at)
      FROM (SELECT e.*, pg_catalog.network(set_masklen(e.client_ip, CASE family(e.client_ip) WHEN 4 THEN 24 ELSE 48 END))::text AS network
              FROM audit.security_event_log e
             WHERE e.event_type = ANY (audit.refused_sign_ins()) AND e.accessed_at >= clock_timestamp() - make_interval(hours => least(greatest(p_hours, 1), 2400))) n
     GROUP BY n.network ORDER BY 2 DESC, 1 LIMIT 50;
END
$$;
GRANT EXECUTE ON FUNCTION audit.sign_in_failures(text, text, integer, text), audit.sign_in_sources(text, integer) TO vigil_app;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;

SET LOCAL ROLE app_owner;
-- Staff whom failed tries keep waiting, or whose account is locked; people who use the portal are a number in one row without a name.
CREATE FUNCTION app.sign_in_locks(p_token text)
RETURNS TABLE (account_id uuid, display_name text, role text, failures integer, last_failure_at timestamptz, blocked_until timestamptz, locked_at timestamptz, people integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.administrator(p_token);
BEGIN
  RETURN QUERY
    WITH held AS (
      SELECT a.id, a.display_name AS name, a.role AS of_role, t.failures AS count, t.last_failure_at AS failed_at, t.blocked_until AS until, CASE WHEN a.status = 'locked' THEN a.locked_at END AS locked
        FROM app.account a
        LEFT JOIN LATERAL (SELECT max(s.failures) AS failures, max(s.last_failure_at)::timestamptz AS last_failure_at, max(s.blocked_until)::timestamptz AS blocked_until
                             FROM app.sign_in_throttle s WHERE s.key IN (a.email_token, a.email_token_even) AND s.kind = 'account' AND s.blocked_until > v.db_now) t ON true
       WHERE a.role <> 'service' AND a.status <> 'deactivated' AND (t.blocked_until IS NOT NULL OR a.status = 'locked'))
    SELECT h.id, h.name, h.of_role, h.count, h.failed_at, h.until, h.locked::timestamptz, 1 FROM held h WHERE h.of_role NOT IN ('patient', 'proxy')
    UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, (SELECT count(*)::integer FROM held h WHERE h.of_role IN ('patient', 'proxy'))
    ORDER BY 2 NULLS LAST LIMIT 500;
END
$$;
GRANT EXECUTE ON FUNCTION app.sign_in_locks(text) TO vigil_app;
RESET ROLE;
