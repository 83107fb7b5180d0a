-- Drops entries of the index whose tasks have expired: looks at some of the oldest, and at some from a place that moves on.
--
-- And cameras of tasks that are not there any more: a release that does not count them may have ended their task.
--
-- KEYS[1] index (zset: task id by creation time)   KEYS[2] cameras (hash: by task)
-- ARGV[1] what keys of states begin with: all of the same hash tag   ARGV[2] entries looked at of each   ARGV[3] the place
--
-- Returns the number of entries that were dropped, then the place for the next time.
local dropped = 0
local function scan(from, count)
  local ids = redis.call('ZRANGE', KEYS[1], from, from + count - 1)
  local here = 0
  for _, id in ipairs(ids) do
    if redis.call('EXISTS', ARGV[1] .. id) == 0 then
      redis.call('ZREM', KEYS[1], id)
      here = here + 1
    end
  end
  dropped = dropped + here
  return #ids, here
end
for _, id in ipairs(redis.call('HRANDFIELD', KEYS[2], 20)) do
  if redis.call('EXISTS', ARGV[1] .. id) == 0 then redis.call('HDEL', KEYS[2], id) end
end
local count, place = tonumber(ARGV[2]), tonumber(ARGV[3])
scan(0, count)
local seen, gone = scan(place, count)
return { dropped, seen < count and count or place + seen - gone }
