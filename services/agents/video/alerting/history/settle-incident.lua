-- The change of an incident is in the stream, unless there is another one by now.
--
-- KEYS[1] alert (hash)   KEYS[2] alerts that nobody was told about (zset)   ARGV[1] alert id   ARGV[2] revision that was told
--
-- Returns 1 done; 0 it has another revision.
if (redis.call('HGET', KEYS[1], 'revision') or '0') ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], 'pending')
redis.call('HSET', KEYS[1], 'published', '1')
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
