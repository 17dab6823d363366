-- An owner whose keys were all destroyed gets no new one, whoever asks: what was shredded stays shredded.
CREATE FUNCTION keys.refuse_key_after_destruction() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM keys.data_key k WHERE k.purpose = NEW.purpose AND k.owner_id = NEW.owner_id)
     AND NOT EXISTS (SELECT FROM keys.data_key k WHERE k.purpose = NEW.purpose AND k.owner_id = NEW.owner_id AND k.state <> 'destroyed') THEN
    RAISE EXCEPTION 'the keys of this owner were destroyed' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION keys.refuse_key_after_destruction() FROM PUBLIC;
CREATE TRIGGER refuse_key_after_destruction BEFORE INSERT ON keys.data_key
  FOR EACH ROW EXECUTE FUNCTION keys.refuse_key_after_destruction();
