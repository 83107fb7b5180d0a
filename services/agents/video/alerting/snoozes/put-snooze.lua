-- Stores a snooze as it is from now on, and takes away those that nobody wants to know of any more.
--
-- KEYS[1] snoozes of the tenant (hash: id, JSON)
-- ARGV[1] id   ARGV[2] snooze (JSON)   ARGV[3] now (ms)   ARGV[4] those that hold, at most   ARGV[5] ended before this, they go (ms)
--
-- Returns 'full'  so many hold already
--         'done'
local holding = 0
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local snooze = cjson.decode(fields[i + 1])
  local ended = snooze.endedAtMs or snooze.untilMs
  if ended < tonumber(ARGV[5]) then
    redis.call('HDEL', KEYS[1], fields[i])
  elseif fields[i] ~= ARGV[1] and ended > tonumber(ARGV[3]) then
    holding = holding + 1
  end
end
if holding >= tonumber(ARGV[4]) then return 'full' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 'done'
