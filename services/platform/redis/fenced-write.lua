-- Writes a value unless somebody with a larger token has written before.
--
-- KEYS[1] record (hash: token, value)     ARGV[1] token   ARGV[2] value   ARGV[3] how long it is kept (ms)
--
-- Returns 1 written; 0 refused, nothing changed.
local last = tonumber(redis.call('HGET', KEYS[1], 'token') or '0')
if tonumber(ARGV[1]) < last then return 0 end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'value', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
