-- Makes the lease of a lock last from now on; of a grant that was forgotten (Redis was emptied, or lost its last writes), too.
--
-- KEYS[1] leases (zset: name by the end of its lease in ms)   KEYS[2] owners (hash: name to "token owner")
-- KEYS[3] last token of the scope (string)
-- ARGV[1] name   ARGV[2] owner   ARGV[3] token   ARGV[4] lease (ms)   ARGV[5] how long the keys are kept (ms)
--
-- Returns 1 it is this owner's; 0 it is not, nothing changed.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local until_ms = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
local held = until_ms > now and redis.call('HGET', KEYS[2], ARGV[1])
local token = tonumber(ARGV[3])
if held then
  local of, owner = held:match('^(%d+) (.*)$')
  -- An owner with a smaller token had its lease before this one: what came between was lost.
  if owner ~= ARGV[2] and tonumber(of) >= token then return 0 end
  if owner == ARGV[2] and tonumber(of) ~= token then return 0 end
elseif tonumber(redis.call('GET', KEYS[3]) or '0') >= token then
  -- Its own grant is remembered, so its lease has simply ended: somebody else may have had the lock since.
  return 0
end
local last = tonumber(redis.call('GET', KEYS[3]) or '0')
if last < token then redis.call('SET', KEYS[3], ARGV[3]) end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3] .. ' ' .. ARGV[2])
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[4]), ARGV[1])
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[5]) end
return 1
