-- Writes down what became of a submission, under each of its names; lets go of what is old or too much.
--
-- KEYS[1] notes (hash: name → JSON)          KEYS[2] order (zset: name by time)
-- ARGV[1] now (ms)    ARGV[2] time to live (ms)    ARGV[3] notes kept
-- ARGV[4…] name, note, name, note …
--
-- Returns the number of notes that are there.
local now, ttl = tonumber(ARGV[1]), tonumber(ARGV[2])
for at = 4, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
  redis.call('ZADD', KEYS[2], now, ARGV[at])
end
-- A few at each call are enough: each call adds two at most.
local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ttl, 'LIMIT', 0, 100)
local extra = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[3])
local surplus = extra > 0 and redis.call('ZRANGE', KEYS[2], 0, math.min(extra, 100) - 1) or {}
for _, names in ipairs({ old, surplus }) do
  for _, name in ipairs(names) do
    redis.call('HDEL', KEYS[1], name)
    redis.call('ZREM', KEYS[2], name)
  end
end
redis.call('PEXPIRE', KEYS[1], ttl)
redis.call('PEXPIRE', KEYS[2], ttl)
return redis.call('ZCARD', KEYS[2])
