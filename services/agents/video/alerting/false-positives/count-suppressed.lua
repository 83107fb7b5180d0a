-- Counts an event to the false positive that it is about, once however often it is delivered.
--
-- KEYS[1] counts of the false positive (hash: suppressed, lastAtMs)   KEYS[2] event (string)
-- ARGV[1] event's time (ms)   ARGV[2] how long an event may come again (ms)
if not redis.call('SET', KEYS[2], 'suppressed', 'NX', 'PX', ARGV[2]) then return 0 end
redis.call('HINCRBY', KEYS[1], 'suppressed', 1)
local last = tonumber(redis.call('HGET', KEYS[1], 'lastAtMs') or 0)
if tonumber(ARGV[1]) > last then redis.call('HSET', KEYS[1], 'lastAtMs', ARGV[1]) end
return 1
