-- Counts tokens of the search index by the version of the index key that made them, for "vigil keys status".

SET LOCAL ROLE phi_owner;
GRANT CREATE ON SCHEMA phi TO phi_census;
RESET ROLE;
SET LOCAL ROLE phi_census;
CREATE FUNCTION phi.token_versions() RETURNS TABLE (key_version integer, tokens bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT v.version, sum(v.tokens)::bigint FROM (
    SELECT get_byte(p.mrn_token, 0) AS version, count(*) AS tokens FROM phi.patient p WHERE p.mrn_token IS NOT NULL GROUP BY 1
    UNION ALL
    SELECT get_byte(p.mrn_token_even, 0), count(*) FROM phi.patient p WHERE p.mrn_token_even IS NOT NULL GROUP BY 1
    UNION ALL
    SELECT get_byte(o.code_token, 0), count(*) FROM phi.observation o WHERE o.code_token IS NOT NULL GROUP BY 1
    UNION ALL
    SELECT t.key_version, count(*) FROM phi.search_token t GROUP BY 1
  ) v GROUP BY 1 ORDER BY 1
$$;
GRANT EXECUTE ON FUNCTION phi.token_versions() TO vigil_worker;
RESET ROLE;
SET LOCAL ROLE phi_owner;
REVOKE CREATE ON SCHEMA phi FROM phi_census;
RESET ROLE;
