-- Notes an object that is stored, in place of what was set aside for it. Again does no harm.
--
-- KEYS[1] used (hash: bytes by tenant)     KEYS[2] objects (hash: key to "size tenant")     KEYS[3] due (zset: target by time)
-- KEYS[4] open (hash)     KEYS[5] stale (zset)     KEYS[6] keys of the task that it is of (set); of an upload there is none
-- ARGV[1] key     ARGV[2] tenant     ARGV[3] size (bytes)     ARGV[4] target     ARGV[5] when the target is due (ms)
-- ARGV[6] upload ('' none)     ARGV[7] '1': only when bytes were set aside for it, or it is noted already
--
-- Returns when the target is due; -1 refused.
local function add(tenant, bytes)
  if redis.call('HINCRBY', KEYS[1], tenant, bytes) <= 0 then redis.call('HDEL', KEYS[1], tenant) end
end
local was = redis.call('HGET', KEYS[2], ARGV[1])
local reserved = ARGV[6] ~= '' and redis.call('HGET', KEYS[4], ARGV[6])
if ARGV[7] == '1' and not reserved and not was then return -1 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3] .. ' ' .. ARGV[2])
redis.call('HINCRBY', KEYS[1], ARGV[2], ARGV[3])
if was then
  local size, tenant = string.match(was, '^(%d+) (.*)$')
  add(tenant, string.format('%.0f', 0 - size))
end
if reserved then
  local bytes, tenant = string.match(reserved, '^(%d+) (%S+)')
  add(tenant, string.format('%.0f', 0 - bytes))
  redis.call('HDEL', KEYS[4], ARGV[6])
  redis.call('ZREM', KEYS[5], ARGV[6])
end
if KEYS[6] then
  -- What a task makes is looked at when its youngest object is that old: the task lives at least so long.
  redis.call('SADD', KEYS[6], ARGV[1])
  local at = tonumber(redis.call('ZSCORE', KEYS[3], ARGV[4]) or 0)
  if tonumber(ARGV[5]) > at then redis.call('ZADD', KEYS[3], ARGV[5], ARGV[4]) end
else
  redis.call('ZADD', KEYS[3], 'NX', ARGV[5], ARGV[4])
end
return tonumber(redis.call('ZSCORE', KEYS[3], ARGV[4]))
