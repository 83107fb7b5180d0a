-- Grants a lock that is free. Times are of Redis' own clock.
--
-- KEYS[1] leases (zset: name by the end of its lease in ms)   KEYS[2] owners (hash: name to "token owner")
-- KEYS[3] last token of the scope (string)
-- ARGV[1] name   ARGV[2] owner   ARGV[3] lease (ms)   ARGV[4] locks at most   ARGV[5] how long the keys are kept (ms)
--
-- Returns {1, token} granted, or it was this owner's already; {0, ms until the lease of its owner ends};
-- {-1, ms until the first lease of the scope ends} as many as may be are held.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1000)) do
  redis.call('ZREM', KEYS[1], name)
  redis.call('HDEL', KEYS[2], name)
end
local until_ms = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
local held = until_ms > now and redis.call('HGET', KEYS[2], ARGV[1])
local token
if held then
  local of, owner = held:match('^(%d+) (.*)$')
  if owner ~= ARGV[2] then return { 0, until_ms - now } end
  token = of
else
  if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then
    local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
    return { -1, math.max(1, tonumber(first[2]) - now) }
  end
  -- Microseconds since 1970 are below 2^53 until the year 2255, and no Redis grants more than one lock in each.
  local floor = time[1] * 1000000 + time[2]
  local last = tonumber(redis.call('GET', KEYS[3]) or '0')
  token = string.format('%.0f', math.max(last + 1, floor))
  redis.call('SET', KEYS[3], token)
  redis.call('HSET', KEYS[2], ARGV[1], token .. ' ' .. ARGV[2])
end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1])
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[5]) end
return { 1, tonumber(token) }
