-- One person has looked at a review item, or takes that back; of two marks of a person, the later one holds.
--
-- KEYS[1] item (hash)   KEYS[2] who has reviewed it (hash: person, time, negative where it was taken back)
-- ARGV[1] person   ARGV[2] when (ms)   ARGV[3] '1' reviewed, '0' taken back   ARGV[4] persons at most   ARGV[5] time to live (ms)
--
-- Returns 'missing'  there is no such item
--         'full'     so many persons have marked it
--         'done'     also when a later mark is there
if redis.call('EXISTS', KEYS[1]) == 0 then return 'missing' end
local was = redis.call('HGET', KEYS[2], ARGV[1])
if not was and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) then return 'full' end
if was and math.abs(tonumber(was)) > tonumber(ARGV[2]) then return 'done' end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3] == '1' and ARGV[2] or '-' .. ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return 'done'
