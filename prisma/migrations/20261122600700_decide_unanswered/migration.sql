-- Lets compliance decide about an emergency access while their question is unanswered. Until now only an answer led out of that state,
-- so that whoever had broken the glass kept their review from ending by saying nothing, or by having left.
SET LOCAL ROLE audit_owner;

-- As before, and: from a question to a decision.
CREATE OR REPLACE FUNCTION audit.guard_break_glass() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'REQUESTED' THEN RAISE EXCEPTION 'a lease begins as a request' USING ERRCODE = '23514'; END IF;
    RETURN NEW;
  END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
      ('REQUESTED', 'ACTIVE'), ('REQUESTED', 'REFUSED'), ('REQUESTED', 'LAPSED'), ('ACTIVE', 'REVIEW_PENDING'),
      ('REVIEW_PENDING', 'NEEDS_INFO'), ('REVIEW_PENDING', 'UNJUSTIFIED'), ('REVIEW_PENDING', 'CLOSED'), ('NEEDS_INFO', 'REVIEW_PENDING'),
      ('NEEDS_INFO', 'UNJUSTIFIED'), ('NEEDS_INFO', 'CLOSED'),
      ('UNJUSTIFIED', 'REVIEW_PENDING'), ('UNJUSTIFIED', 'CLOSED')) THEN
    RAISE EXCEPTION 'a lease does not go from % to %', OLD.state, NEW.state USING ERRCODE = '23514';
  END IF;
  IF (NEW.id, NEW.kind, NEW.scope, NEW.actor_id, NEW.actor_role, NEW.session_id, NEW.patient_id, NEW.reason_code, NEW.reason_text_id, NEW.reason_tokens, NEW.requested_at)
       IS DISTINCT FROM (OLD.id, OLD.kind, OLD.scope, OLD.actor_id, OLD.actor_role, OLD.session_id, OLD.patient_id, OLD.reason_code, OLD.reason_text_id, OLD.reason_tokens, OLD.requested_at)
     OR OLD.state <> 'REQUESTED' AND (NEW.reauth_at, NEW.activated_at, NEW.expires_at) IS DISTINCT FROM (OLD.reauth_at, OLD.activated_at, OLD.expires_at)
     OR OLD.ended_at IS NOT NULL AND (NEW.ended_at, NEW.end_kind) IS DISTINCT FROM (OLD.ended_at, OLD.end_kind)
     OR OLD.state = 'CLOSED' AND (NEW.verdict, NEW.closed_at) IS DISTINCT FROM (OLD.verdict, OLD.closed_at)
     -- there is no extension, and nothing ends after it was over
     OR NEW.ended_at > NEW.expires_at THEN
    RAISE EXCEPTION 'what a lease says is not changed afterwards' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END
$$;

GRANT CREATE ON SCHEMA audit TO audit_gate;
SET LOCAL ROLE audit_gate;

-- As before, and: while a question waits for its answer.
CREATE OR REPLACE FUNCTION audit.break_glass_review(p_token text, p_lease uuid, p_decision text, p_text_id uuid, p_text_sealed text, p_client_ip inet) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v app.session_standing := app.session_touch(p_token);
  b audit.break_glass;
  v_refusal text;
  v_is_second boolean := coalesce(p_decision IN ('CONFIRMED', 'DISPUTED'), false);
BEGIN
  PERFORM audit.require_durable_commit();
  IF v.state = 'active' AND v.role = 'compliance' THEN PERFORM audit.break_glass_settle(p_lease); END IF;
  SELECT g.* INTO b FROM audit.break_glass g WHERE g.id = p_lease FOR UPDATE;
  v_refusal := CASE
    WHEN v.state <> 'active' THEN 'no-session'
    WHEN v.role <> 'compliance' THEN 'not-allowed'
    WHEN b.id IS NULL THEN 'no-such-lease'
    WHEN b.actor_id = v.account_id THEN 'your-own'
    WHEN p_decision IS NULL OR p_decision NOT IN ('JUSTIFIED', 'NEEDS_INFO', 'UNJUSTIFIED', 'CONFIRMED', 'DISPUTED') THEN 'no-such-decision'
    -- a question that nobody answers holds nothing up: what could be decided without asking can be decided without an answer
    WHEN b.state <> CASE WHEN v_is_second THEN 'UNJUSTIFIED' ELSE 'REVIEW_PENDING' END
      AND NOT (b.state = 'NEEDS_INFO' AND p_decision IN ('JUSTIFIED', 'UNJUSTIFIED')) THEN 'not-to-decide'
    WHEN v_is_second AND v.account_id = (SELECT e.author_id FROM audit.break_glass_entry e
           WHERE e.break_glass_id = b.id AND e.kind = 'UNJUSTIFIED' ORDER BY e.written_at DESC, e.id DESC LIMIT 1) THEN 'same-person'
    WHEN NOT app.is_fresh(v) THEN 'code-too-old' END;
  IF v_refusal IS NOT NULL THEN
    PERFORM audit.record_event('BREAK_GLASS_REVIEWED', v.account_id, v.role, v.session_id, b.actor_id,
      jsonb_build_object('lease', p_lease, 'decision', left(p_decision, 20), 'reason', v_refusal), 'REFUSED', p_client_ip);
    RETURN v_refusal;
  END IF;
  INSERT INTO app.sealed_text (id, kind, content_sealed) VALUES (p_text_id, 'break-glass-review', p_text_sealed);
  INSERT INTO audit.break_glass_entry (break_glass_id, actor_id, author_id, kind, text_id, written_at) VALUES (b.id, b.actor_id, v.account_id, p_decision, p_text_id, v.db_now);
  UPDATE audit.break_glass g SET
    state = CASE p_decision WHEN 'NEEDS_INFO' THEN 'NEEDS_INFO' WHEN 'UNJUSTIFIED' THEN 'UNJUSTIFIED' WHEN 'DISPUTED' THEN 'REVIEW_PENDING' ELSE 'CLOSED' END,
    verdict = CASE p_decision WHEN 'JUSTIFIED' THEN 'JUSTIFIED' WHEN 'CONFIRMED' THEN 'UNJUSTIFIED' END,
    closed_at = CASE WHEN p_decision IN ('JUSTIFIED', 'CONFIRMED') THEN v.db_now END WHERE g.id = b.id;
  PERFORM audit.record_event('BREAK_GLASS_REVIEWED', v.account_id, v.role, v.session_id, b.actor_id,
    jsonb_build_object('lease', b.id, 'patient_id', b.patient_id, 'decision', p_decision), 'DONE', p_client_ip);
  CASE p_decision
    WHEN 'NEEDS_INFO' THEN PERFORM app.notify(b.actor_id, 'break-glass-question', b.id);
    WHEN 'UNJUSTIFIED' THEN PERFORM app.notify_role('compliance', 'break-glass-second-signature', b.id, v.account_id);
    WHEN 'CONFIRMED' THEN PERFORM audit.incident_make(v, gen_random_uuid(), 'BREAK_GLASS', b.id, b.actor_id, b.patient_id, p_text_id, p_client_ip);
    ELSE NULL;
  END CASE;
  RETURN NULL;
END
$$;

RESET ROLE;
SET LOCAL ROLE audit_owner;
REVOKE CREATE ON SCHEMA audit FROM audit_gate;
RESET ROLE;
