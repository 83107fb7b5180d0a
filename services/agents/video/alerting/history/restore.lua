-- Puts an alert back that was read from the stream of alerts, with its cooldown. Several instances may do so at once, while
-- others raise new ones: what is there already stays.
--
-- KEYS[1] alert (hash)                    KEYS[2] cooldown of its subject (hash: alert, atMs)
-- KEYS[3] alerts by time (zset)           KEYS[4] alerts of its status by time (zset)
-- KEYS[5] alerts of its monitor by time (zset)
-- ARGV[1] alert id    ARGV[2] when it was raised (ms)    ARGV[3] event's time (ms)
-- ARGV[4] time to live of an alert (ms), from now   ARGV[5] of its cooldown (ms)
-- ARGV[6…] fields of the alert: field, value …
--
-- Returns 1 put back; 0 it was there.
local last = redis.call('HGET', KEYS[2], 'atMs')
if not last or tonumber(ARGV[3]) > tonumber(last) then
  redis.call('HSET', KEYS[2], 'alert', ARGV[1], 'atMs', ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 6))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
for _, index in ipairs({ KEYS[3], KEYS[4], KEYS[5] }) do redis.call('ZADD', index, ARGV[2], ARGV[1]) end
redis.call('PEXPIRE', KEYS[5], ARGV[4])
return 1
