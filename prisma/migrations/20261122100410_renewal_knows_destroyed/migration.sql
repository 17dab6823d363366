-- Lets the job that renews search tokens ask which records are destroyed: it makes no tokens for them, also when its own cached
-- keys still open what the job that destroys has not come to yet.
SET LOCAL ROLE audit_gate;
GRANT EXECUTE ON FUNCTION audit.destroyed(uuid[]) TO phi_job_reindex;
RESET ROLE;
