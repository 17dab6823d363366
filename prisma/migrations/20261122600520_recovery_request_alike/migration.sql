-- Asking for a new password does the same for an address that is somebody's and one that is nobody's: the foreign key looked the
-- account up and locked its row, for those who exist alone (ASVS 5.0 6.3.8). Accounts are never deleted, so it held nothing that
-- could come apart; whoever reads the requests joins the account anyway.
SET LOCAL ROLE app_owner;
ALTER TABLE app.recovery_request DROP CONSTRAINT recovery_request_account_id_fkey;
RESET ROLE;
