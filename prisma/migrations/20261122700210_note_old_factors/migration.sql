-- Whoever asks for something that wants a second factor of the last five minutes, and shows an older one, is written down as well: it can
-- be somebody else at an unlocked screen. The entry is made in the statement that refuses. A function that raises cannot write; so
-- those of administrators answer NULL (no row, where they answer with rows) instead. app.administrator_proven goes on raising:
-- a function that forgets to ask first still does nothing.
SET LOCAL ROLE app_owner;

CREATE FUNCTION app.note_old_factor(v app.session_standing, p_asked text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT audit.record_event('STEP_UP_REFUSED', v.account_id, v.role, v.session_id, v.account_id, jsonb_build_object('asked', p_asked), 'REFUSED', NULL)
   WHERE v.state = 'active'
$$;

-- Whether an administrator's second factor is too old for what is asked; if so, it is noted.
CREATE FUNCTION app.is_old_administrator(p_token text, p_asked text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_standing_of(p_token);
BEGIN
  IF v.state <> 'active' OR v.role <> 'admin' OR app.is_fresh(v) THEN RETURN false; END IF;
  PERFORM app.note_old_factor(v, p_asked);
  RETURN true;
END
$$;

-- The same for a change of one's own sign-in, which wants everything shown again (app.is_fully_proved), or a fresh factor alone.
CREATE FUNCTION app.is_proved_or_noted(v app.session_standing, p_fully boolean, p_asked text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (p_fully AND app.is_fully_proved(v)) OR (NOT p_fully AND app.is_fresh(v)) THEN RETURN true; END IF;
  PERFORM app.note_old_factor(v, p_asked);
  RETURN false;
END
$$;

-- The functions stay what they were but for the line that asks. Each is found by that line, and all of them have to be found.
DO $$
DECLARE
  f record;
  v_text text;
  v_count integer := 0;
BEGIN
  FOR f IN SELECT p.oid, p.proname, p.proretset, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = 'app' AND p.prosrc ~ ':= app\.administrator_proven\(p_token\);' ORDER BY 1 LOOP
    v_text := replace(pg_get_functiondef(f.oid), 'v app.session_standing := app.administrator_proven(p_token);', 'v app.session_standing;');
    v_text := regexp_replace(v_text, '\nBEGIN\n', format(E'\nBEGIN\n  IF app.is_old_administrator(p_token, %L) THEN RETURN%s; END IF;\n  v := app.administrator_proven(p_token);\n',
      f.proname, CASE WHEN f.proretset THEN '' ELSE ' NULL' END));
    EXECUTE v_text;
    v_count := v_count + 1;
  END LOOP;
  FOR f IN SELECT p.oid, p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = 'app' AND p.prosrc ~ '  IF NOT app\.is_(fully_proved|fresh)\(v\)' ORDER BY 1 LOOP
    v_text := regexp_replace(pg_get_functiondef(f.oid), '  IF NOT app\.is_(fully_proved|fresh)\(v\)',
      format('  IF NOT app.is_proved_or_noted(v, %L, %L)', f.prosrc ~ 'is_fully_proved', f.proname));
    EXECUTE v_text;
    v_count := v_count + 1;
  END LOOP;
  IF v_count <> 25 THEN RAISE EXCEPTION 'expected to change 25 functions, changed %', v_count; END IF;
END
$$;

-- One's own session on another device. False as well when there is no such session: it does not say which.
CREATE OR REPLACE FUNCTION app.session_end_other(p_token text, p_session_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  v_target app.session;
BEGIN
  IF v.state <> 'active' THEN RETURN false; END IF;
  SELECT * INTO v_target FROM app.session WHERE id = p_session_id FOR UPDATE;
  IF v_target.id IS NULL OR v_target.role = 'service' OR (v_target.account_id <> v.account_id AND v.role <> 'admin') THEN RETURN false; END IF;
  IF v_target.account_id = v.account_id THEN
    IF NOT app.is_proved_or_noted(v, false, 'session_end_other') THEN RETURN false; END IF;
  END IF;
  UPDATE app.session SET ended_at = v.db_now, end_reason = CASE WHEN v_target.account_id = v.account_id THEN 'ended-by-owner' ELSE 'ended-by-admin' END
   WHERE id = p_session_id AND ended_at IS NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit.record_event('SESSION_REVOKED', v.account_id, v.role, v.session_id, v_target.account_id, jsonb_build_object('session', p_session_id), 'DONE', NULL);
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION app.key_policy_set(p_token text, p_kind text, p_days integer, p_reminder integer, p_client_ip inet) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing;
  v_before app.key_policy;
BEGIN
  IF app.is_old_administrator(p_token, 'key_policy_set') THEN RETURN NULL; END IF;
  v := app.administrator_proven(p_token);
  -- a job sets no policy
  IF v.role <> 'admin' THEN RAISE EXCEPTION 'only an administrator may do this' USING ERRCODE = '42501'; END IF;
  SELECT * INTO v_before FROM app.key_policy WHERE kind = p_kind FOR UPDATE;
  IF v_before.kind IS NULL OR p_days IS NULL OR p_reminder IS NULL OR p_days NOT BETWEEN 1 AND v_before.days_limit
     OR p_reminder NOT BETWEEN 1 AND least(p_days, 90) THEN
    RETURN false;
  END IF;
  IF v_before.days_max = p_days AND v_before.reminder_days = p_reminder THEN RETURN true; END IF;
  UPDATE app.key_policy SET days_max = p_days, reminder_days = p_reminder, changed_at = v.db_now
   WHERE kind = p_kind;
  PERFORM audit.record_event('KEY_POLICY_CHANGED', v.account_id, v.role, v.session_id, NULL,
    jsonb_build_object('kind', p_kind, 'daysBefore', v_before.days_max, 'days', p_days,
      'reminderDaysBefore', v_before.reminder_days, 'reminderDays', p_reminder), 'DONE', p_client_ip);
  RETURN true;
END
$$;
RESET ROLE;
