-- Keeps what a task refers to for as long as the task is there: all of it, or nothing when some of it is not there.
--
-- KEYS[1] objects (hash: key to "size tenant")     KEYS[2] due (zset: target by time)
-- KEYS[3…] for each target: who keeps it (zset: task by the time at which it began to)
-- ARGV[1] task     ARGV[2] now (ms)     ARGV[3] when a target is looked at for which no time is set (ms)
-- ARGV[4…] for each target, in the order of the keys: its name; then the keys of all objects
--
-- Returns keys of objects that are not there; none: all is kept.
local targets = #KEYS - 2
local missing = {}
for i = 4 + targets, #ARGV do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 0 then missing[#missing + 1] = ARGV[i] end
end
if #missing > 0 then return missing end
for i = 1, targets do
  redis.call('ZADD', KEYS[2 + i], 'NX', ARGV[2], ARGV[1])
  redis.call('ZADD', KEYS[2], 'NX', ARGV[3], ARGV[3 + i])
end
return missing
