-- Of what is in the index of a partition some of the oldest, some from a place that moves on, and some tasks that hold cameras.
--
-- KEYS[1] index (zset: task id by creation time)   KEYS[2] cameras (hash: by task)     ARGV[1] the place   ARGV[2] entries of each
--
-- Returns three lists of task ids.
local place, count = tonumber(ARGV[1]), tonumber(ARGV[2])
return {
  redis.call('ZRANGE', KEYS[1], 0, count - 1),
  redis.call('ZRANGE', KEYS[1], place, place + count - 1),
  redis.call('HRANDFIELD', KEYS[2], 20),
}
