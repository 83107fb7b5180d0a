-- Takes from a token bucket that all edges share; the clock is that of Redis.
--
-- KEYS[1] bucket (hash: tokens, at_us)
-- ARGV[1] tokens a second   ARGV[2] the most that it holds   ARGV[3] tokens wanted
--
-- Returns {1, 0}: taken; {0, microseconds until there will be enough}: nothing was taken.
local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local found = redis.call('HMGET', KEYS[1], 'tokens', 'at_us')
local tokens, at = tonumber(found[1]) or burst, tonumber(found[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * rate / 1000000)
local taken = tokens >= wanted
if taken then tokens = tokens - wanted end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at_us', string.format('%d', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
if taken then return { 1, 0 } end
return { 0, math.ceil((wanted - tokens) / rate * 1000000) }
