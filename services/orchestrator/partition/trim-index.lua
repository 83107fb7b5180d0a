-- Drops entries of the index whose tasks have expired: looks at some of the oldest, and at some from a place that moves on.
--
-- KEYS[1] index (zset: task id by creation time)
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
local count, place = tonumber(ARGV[2]), tonumber(ARGV[3])
scan(0, count)
local seen, gone = scan(place, count)
return { dropped, seen < count and count or place + seen - gone }
