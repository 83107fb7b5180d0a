-- Says that an orchestrator is alive, or that it leaves, and tells who else is, and which partitions each of them refuses.
--
-- KEYS[1] members (zset: instance by last sign of life, Redis' own clock in ms)
-- KEYS[2] refusals (hash: by instance, partitions that it leaves to others: numbers separated by commas)
-- KEYS[3] aware (zset, the same times), KEYS[4] leases (hash: by instance, ms that it goes by what it knows of epochs). A release that knows
--         nothing of purged logs and of epochs leaves its entries as they were, also one that was started anew under a name that was known: then
--         the times differ.
-- ARGV[1] instance     ARGV[2] time to live of a member (ms); 0: leaves     ARGV[3] partitions that it refuses     ARGV[4] of KEYS[4]
--
-- Returns the live members, sorted by name; then, in the same order, what each refuses, and its lease: '' for a release that is not aware.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[2] == '0' then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
  redis.call('HDEL', KEYS[4], ARGV[1])
else
  redis.call('ZADD', KEYS[1], now, ARGV[1])
  redis.call('ZADD', KEYS[3], now, ARGV[1])
  redis.call('HSET', KEYS[4], ARGV[1], ARGV[4])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - tonumber(ARGV[2]))
end
if ARGV[2] == '0' or ARGV[3] == '' then
  redis.call('HDEL', KEYS[2], ARGV[1])
else
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
end
local members = redis.call('ZRANGE', KEYS[1], 0, -1)
table.sort(members)
local live, refused, aware = {}, {}, {}
for i, member in ipairs(members) do
  live[member] = true
  refused[i] = redis.call('HGET', KEYS[2], member) or ''
  local isAware = redis.call('ZSCORE', KEYS[1], member) == redis.call('ZSCORE', KEYS[3], member)
  aware[i] = isAware and redis.call('HGET', KEYS[4], member) or ''
end
for _, member in ipairs(redis.call('HKEYS', KEYS[2])) do
  if not live[member] then redis.call('HDEL', KEYS[2], member) end
end
for _, member in ipairs(redis.call('HKEYS', KEYS[4])) do
  if not live[member] then redis.call('HDEL', KEYS[4], member) end
end
return { members, refused, aware }
