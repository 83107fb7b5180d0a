-- Takes from a token bucket that all edges share; the clock is that of Redis.
--
-- KEYS[1] bucket (hash: tokens, at_us, promised_us)
-- ARGV[1] tokens a second   ARGV[2] the most that it holds   ARGV[3] tokens wanted   ARGV[4] the longest wait that is named, in microseconds
--
-- Returns {1, 0}: taken; {0, microseconds until it is worth to come again}: nothing was taken.
--
-- Those who wait are told to come one after the other, each when those before it have had their tokens: told the same moment, all but
-- the first would be refused again. Who comes in between takes what he finds: a hint is a forecast and no reservation.
local rate, burst, wanted, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local found = redis.call('HMGET', KEYS[1], 'tokens', 'at_us', 'promised_us')
local tokens, at, promised = tonumber(found[1]) or burst, tonumber(found[2]) or now, tonumber(found[3]) or 0
tokens = math.min(burst, tokens + math.max(0, now - at) * rate / 1000000)
local taken = tokens >= wanted
local free = 0
if taken then
  tokens = tokens - wanted
else
  local each = wanted / rate * 1000000
  free = math.max(now + (wanted - tokens) / rate * 1000000, promised + each)
  if free > now + longest then free = now + longest else promised = free end
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at_us', string.format('%d', now),
  'promised_us', string.format('%d', promised))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + math.ceil(longest / 1000) + 1000)
if taken then return { 1, 0 } end
return { 0, math.ceil(free - now) }
