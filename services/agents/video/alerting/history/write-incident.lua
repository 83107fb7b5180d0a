-- Writes what became of an incident, if it is still what that was decided on: two instances can't both change it.
--
-- KEYS[1] marker (hash): the history is here   KEYS[2] what is known of the state (hash: alert, endedAtMs)
-- KEYS[3] alert (hash)                         KEYS[4] alerts by time (zset)   KEYS[5] alerts of its monitor by time (zset)
-- KEYS[6] alerts whose incident is not closed, by when it will be (zset)      KEYS[7] those that nobody was told about (zset)
-- KEYS[8] open, KEYS[9] acknowledged, KEYS[10] resolved alerts by time (zsets)
-- ARGV[1] alert id   ARGV[2] the state's alert that was found, '' none   ARGV[3] its revision   ARGV[4] its status
-- ARGV[5] status from now on   ARGV[6] when it was raised (ms)   ARGV[7] when it will be closed (ms), +inf, or '' it is closed
-- ARGV[8] now (ms)   ARGV[9] time to live of an alert (ms)   ARGV[10…] fields of the alert: field, value …; '' takes one away
--
-- Returns 'unready'  the history is not here: make it again first
--         'stale'    it has become something else meanwhile: look again
--         'written'
if redis.call('EXISTS', KEYS[1]) == 0 then return 'unready' end
if (redis.call('HGET', KEYS[2], 'alert') or '') ~= ARGV[2] then return 'stale' end
if ARGV[2] == ARGV[1] then
  local was = redis.call('HMGET', KEYS[3], 'revision', 'status')
  if not was[2] or (was[1] or '0') ~= ARGV[3] or was[2] ~= ARGV[4] then return 'stale' end
end
for i = 10, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[3], ARGV[i]) else redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end
end
redis.call('HSET', KEYS[2], 'alert', ARGV[1])
local indexes = { open = KEYS[8], acknowledged = KEYS[9], resolved = KEYS[10] }
for _, index in pairs(indexes) do redis.call('ZREM', index, ARGV[1]) end
for _, index in ipairs({ KEYS[4], KEYS[5], indexes[ARGV[5]] }) do redis.call('ZADD', index, ARGV[6], ARGV[1]) end
redis.call('PEXPIRE', KEYS[5], ARGV[9])
redis.call('ZADD', KEYS[7], ARGV[8], ARGV[1])
if ARGV[7] == '' then
  redis.call('ZREM', KEYS[6], ARGV[1])
  redis.call('PEXPIRE', KEYS[2], ARGV[9])
  redis.call('PEXPIRE', KEYS[3], ARGV[9])
else
  -- However long it lasts: somebody has to be able to close it.
  redis.call('ZADD', KEYS[6], ARGV[7], ARGV[1])
  redis.call('PERSIST', KEYS[2])
  redis.call('PERSIST', KEYS[3])
end
return 'written'
