-- Acknowledges or resolves an alert.
--
-- KEYS[1] marker (hash): the history is here   KEYS[2] alert (hash)
-- KEYS[3] open, KEYS[4] acknowledged, KEYS[5] resolved alerts by time (zsets)
-- ARGV[1] alert id   ARGV[2] new status: acknowledged, resolved   ARGV[3] when (ms)
-- ARGV[4] by whom ('' unknown)   ARGV[5] note ('' leaves the one that is there)
--
-- Returns {'unready'}  the history is not here: make it again first
--         {'missing'}  there is no such alert
--         {'changed'}  done
--         {'untold'}   it has this status already, but nobody was told: publish it, then it is as if changed now
--         {'conflict', status}  what it is can't become that; nothing written
if redis.call('EXISTS', KEYS[1]) == 0 then return { 'unready' } end
local found = redis.call('HMGET', KEYS[2], 'status', 'told')
local status = found[1]
if not status then return { 'missing' } end
if status == ARGV[2] and found[2] ~= status then return { 'untold' } end
if status == 'resolved' or status == ARGV[2] then return { 'conflict', status } end
redis.call('HSET', KEYS[2], 'status', ARGV[2], 'changedAtMs', ARGV[3])
redis.call('HINCRBY', KEYS[2], 'revision', 1)
if ARGV[4] == '' then redis.call('HDEL', KEYS[2], 'changedBy') else redis.call('HSET', KEYS[2], 'changedBy', ARGV[4]) end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[2], 'note', ARGV[5]) end
local indexes = { open = KEYS[3], acknowledged = KEYS[4], resolved = KEYS[5] }
local score = redis.call('ZSCORE', indexes[status], ARGV[1])
redis.call('ZREM', indexes[status], ARGV[1])
redis.call('ZADD', indexes[ARGV[2]], score or ARGV[3], ARGV[1])
return { 'changed' }
