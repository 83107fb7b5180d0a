-- Writes fields of an alert, if it is still there: a plain HSET would bring a part of one back that is gone.
--
-- KEYS[1] alert (hash)     ARGV[…] field, value, field, value …
--
-- Returns 1 written; 0 there is no such alert.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1
