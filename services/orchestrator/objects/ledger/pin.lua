-- Keeps what a task refers to for as long as the task is there: all of it, or nothing when some of it is not there.
--
-- KEYS[1] objects (hash: key to "size tenant")     KEYS[2] due (zset: target by time)
-- KEYS[3…] for each target: who keeps it (zset: task by the time at which it began to)
-- ARGV[1] task     ARGV[2] now (ms), a little different for everybody     ARGV[3] when a target is looked at for which no time is set (ms)
-- ARGV[4…] for each target, in the order of the keys: its name; then the keys of all objects
--
-- Returns 0, then keys of objects that are not there; or 1 when all is kept, then the targets that the task did not keep before.
local targets = #KEYS - 2
local missing = { 0 }
for i = 4 + targets, #ARGV do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 0 then missing[#missing + 1] = ARGV[i] end
end
if #missing > 1 then return missing end
local answer = { 1 }
for i = 1, targets do
  -- The time is that of the last one who asked: whoever began to keep it and gives up leaves it to others of the same task.
  if redis.call('ZADD', KEYS[2 + i], ARGV[2], ARGV[1]) == 1 then answer[#answer + 1] = ARGV[3 + i] end
  redis.call('ZADD', KEYS[2], 'NX', ARGV[3], ARGV[3 + i])
end
return answer
