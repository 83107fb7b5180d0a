-- Takes finished tasks out of the store that the archive has. Of each stays its id, for as long as it may be read: a key that was used is
-- known as used. What is no finished task (it has no time to live) stays as it is.
--
-- KEYS[1] partition (hash)   KEYS[2] index (zset)   KEYS[3] tasks that have left (zset: task id by until when, ms)
-- KEYS[4…] for each task: its state, its definition
-- ARGV[1] now (ms)           then for each task: its id, until when it may be read (ms)
--
-- Returns how many have left; nothing is done while the partition is reset. A full server takes it: what makes room comes first.
local there = redis.call('HMGET', KEYS[1], 'offset', 'clearing', 'left')
if not there[1] or there[2] == '1' then return 0 end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[1])
local latest = tonumber(there[3] or '0')
local ids = {}
for i = 2, #ARGV, 2 do
  if redis.call('PTTL', KEYS[2 + i]) > 0 then
    redis.call('UNLINK', KEYS[2 + i], KEYS[3 + i])
    redis.call('ZREM', KEYS[2], ARGV[i])
    ids[#ids + 1] = ARGV[i + 1]
    ids[#ids + 1] = ARGV[i]
    latest = math.max(latest, tonumber(ARGV[i + 1]))
  end
end
if #ids == 0 then return 0 end
redis.call('ZADD', KEYS[3], unpack(ids))
redis.call('PEXPIREAT', KEYS[3], string.format('%d', latest))
redis.call('HSET', KEYS[1], 'left', string.format('%d', latest))
return #ids / 2
