-- Drops entries of the index whose tasks have expired. And cameras of tasks that are not there any more: a release that does not count
-- them may have ended their task. The keys of states are named, so that a cluster answers "not now" while it moves them elsewhere:
-- what is not here is not there then, or not here yet.
--
-- KEYS[1] index (zset: task id by creation time)   KEYS[2] cameras (hash: by task)   KEYS[3…] states of tasks     ARGV their ids
--
-- Returns of each task 1 when it was dropped from the index, 0 when it was not.
local answer = {}
for i, id in ipairs(ARGV) do
  answer[i] = 0
  if redis.call('EXISTS', KEYS[2 + i]) == 0 then
    answer[i] = redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
  end
end
return answer
