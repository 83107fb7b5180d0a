-- Lists stored tasks of a partition by when they were created, the oldest first.
--
-- KEYS[1] index (zset: task id by creation time)
-- ARGV[1] from when (ms)   ARGV[2] until when (ms), both included   ARGV[3] how many at most   ARGV[4] how many of them are passed over
--
-- Returns ids, each followed by when it was created (ms).
return redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[2], 'WITHSCORES', 'LIMIT', ARGV[4], ARGV[3])
