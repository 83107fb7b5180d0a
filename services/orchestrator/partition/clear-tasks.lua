-- Takes the tasks away that there were before a reset, some at a time, and ends the reset when it is called with none.
--
-- KEYS[1] partition (hash)   KEYS[2] tasks that there were (zset; what was taken away gets the score -1)
-- KEYS[3…] for each task: its state, its definition
-- ARGV[1] when the stream was made from which the partition is built now
-- ARGV[2…] ids of the tasks
--
-- Returns 1 done; 0 refused: no reset is under way.
if redis.call('HGET', KEYS[1], 'clearing') ~= '1' then return 0 end
for i = 2, #ARGV do
  local there = redis.call('UNLINK', KEYS[2 * i - 1])
  redis.call('UNLINK', KEYS[2 * i])
  -- One that had expired is not lost.
  if there == 0 then redis.call('ZREM', KEYS[2], ARGV[i]) else redis.call('ZADD', KEYS[2], -1, ARGV[i]) end
end
if #ARGV == 1 then
  redis.call('HDEL', KEYS[1], 'clearing')
  redis.call('HSET', KEYS[1], 'stream', ARGV[1], 'at', 0)
end
return 1
