-- Puts an alert back that was read from the stream of alerts, with its cooldown. Several instances may do so at once, while
-- others raise new ones: what is there already stays, unless it has become more since: a server may lack the last writes of the one
-- before it.
--
-- KEYS[1] alert (hash)                    KEYS[2] cooldown of its subject (hash: alert, atMs)
-- KEYS[3] alerts by time (zset)           KEYS[4] alerts of its status by time (zset)
-- KEYS[5] alerts of its monitor by time (zset)   KEYS[6] open, KEYS[7] acknowledged, KEYS[8] resolved alerts by time (zsets)
-- ARGV[1] alert id    ARGV[2] when it was raised (ms)    ARGV[3] event's time (ms)
-- ARGV[4] time to live of an alert (ms), from now   ARGV[5] of its cooldown (ms)
-- ARGV[6] its status   ARGV[7] its revision   ARGV[8…] fields of the alert: field, value …
--
-- Returns 1 put back; 0 it was there.
local ranks = { open = 1, acknowledged = 2, resolved = 3 }
local last = redis.call('HGET', KEYS[2], 'atMs')
if not last or tonumber(ARGV[3]) > tonumber(last) then
  redis.call('HSET', KEYS[2], 'alert', ARGV[1], 'atMs', ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
local was = redis.call('HMGET', KEYS[1], 'status', 'occurrences', 'revision')
if was[1] then
  -- What has no revisions yet goes from open to resolved only.
  local revision, new = tonumber(was[3] or 0), tonumber(ARGV[7])
  if revision > new or (revision == new and (ranks[was[1]] or 3) >= ranks[ARGV[6]]) then return 0 end
  redis.call('HDEL', KEYS[1], 'changedBy', 'changedAtMs', 'snoozed', 'pending')
end
redis.call('HSET', KEYS[1], unpack(ARGV, 8))
if was[1] then
  if tonumber(was[2]) > tonumber(redis.call('HGET', KEYS[1], 'occurrences')) then redis.call('HSET', KEYS[1], 'occurrences', was[2]) end
  for i = 6, 8 do redis.call('ZREM', KEYS[i], ARGV[1]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
for _, index in ipairs({ KEYS[3], KEYS[4], KEYS[5] }) do redis.call('ZADD', index, ARGV[2], ARGV[1]) end
redis.call('PEXPIRE', KEYS[5], ARGV[4])
return 1
