-- Decides what becomes of a camera event, and writes it: all or nothing, so that any number of instances and any number of
-- deliveries of the same event come to the same end.
--
-- KEYS[1] marker (hash): the history is here         KEYS[2] alert that the event would become (hash)
-- KEYS[3] cooldown of its subject (hash: alert, atMs)  KEYS[4] event (string: the alert it was counted to)
-- KEYS[5] alerts by time (zset)                        KEYS[6] open alerts by time (zset)
-- KEYS[7] alerts of the monitor by time (zset)         KEYS[8] events of the monitor (hash: kind of rule → events dealt with)
-- ARGV[1] alert id           ARGV[2] alert (JSON)             ARGV[3] when it is raised (ms)
-- ARGV[4] event's time (ms)  ARGV[5] cooldown (ms)            ARGV[6] kind of rule
-- ARGV[7] alerts kept of a monitor  ARGV[8] time to live of an alert (ms)  ARGV[9] of a counted event (ms)
-- ARGV[10] what keys of alerts begin with (all keys have one hash tag)   ARGV[11] how long an event may wait in its queue (ms)
-- ARGV[12] what keys of review items begin with
-- The last but one: 'first' or 'member' of a group of events that are one alert, '' for one that stands alone; the last: its subjects so far
--
-- Returns {'unready'}     the history is not here (Redis is new or was emptied): nothing written, make it again first
--         {'raised'}      a new alert
--         {'again', id}   this event has become this alert before
--         {'counted', id} within the cooldown of this alert: counted to it
--         {'known', id}   within the cooldown of this alert, and counted to it before
if redis.call('EXISTS', KEYS[1]) == 0 then return { 'unready' } end
local group, subjects = ARGV[#ARGV - 1], ARGV[#ARGV]
local exists = redis.call('EXISTS', KEYS[2]) == 1
if exists and group == '' then return { 'again', ARGV[1] } end
local counted = redis.call('GET', KEYS[4])
-- Of a group, whichever event comes first raises the alert: it is remembered as the one that did.
if counted == 'raised' then return { exists and 'again' or 'known', ARGV[1] } end
if counted then return { 'known', counted } end
-- Put back from the stream of alerts, where its first event is.
if exists and group == 'first' and redis.call('HGET', KEYS[2], 'grouped') == false then return { 'again', ARGV[1] } end

local at, keep, ttl = tonumber(ARGV[4]), tonumber(ARGV[7]), ARGV[8]
redis.call('HINCRBY', KEYS[8], ARGV[6], 1)
redis.call('PEXPIRE', KEYS[8], ttl)

local function count(id)
  redis.call('SET', KEYS[4], id, 'PX', ARGV[9])
  local alert = ARGV[10] .. id
  if redis.call('EXISTS', alert) == 1 then
    redis.call('HINCRBY', alert, 'occurrences', 1)
    local seen = tonumber(redis.call('HGET', alert, 'lastSeenAtMs'))
    if at > seen then redis.call('HSET', alert, 'lastSeenAtMs', ARGV[4]) end
    -- Its review item goes on with it.
    local review = redis.call('HGET', alert, 'review')
    local ended = review and redis.call('HGET', ARGV[12] .. review, 'endedAtMs')
    if ended and at > tonumber(ended) then redis.call('HSET', ARGV[12] .. review, 'endedAtMs', ARGV[4]) end
    local known = tonumber(redis.call('HGET', alert, 'subjects') or 0)
    if tonumber(subjects) > known then redis.call('HSET', alert, 'subjects', subjects) end
  end
  return { 'counted', id }
end

if exists then return count(ARGV[1]) end

-- Both ways: an event that comes late belongs to the alert that was raised before it was here.
local last = redis.call('HMGET', KEYS[3], 'alert', 'atMs')
if last[1] and math.abs(at - tonumber(last[2])) < tonumber(ARGV[5]) then
  return count(last[1])
end

redis.call('HSET', KEYS[2], 'alert', ARGV[2], 'status', 'open', 'occurrences', 1, 'lastSeenAtMs', ARGV[4])
redis.call('PEXPIRE', KEYS[2], ttl)
if group ~= '' then
  redis.call('HSET', KEYS[2], 'subjects', subjects, 'grouped', 1)
  redis.call('SET', KEYS[4], 'raised', 'PX', ARGV[9])
end
if not last[1] or at > tonumber(last[2]) then
  redis.call('HSET', KEYS[3], 'alert', ARGV[1], 'atMs', ARGV[4])
  -- Kept beyond the cooldown, which counts in the time of events: the next one may be dealt with long after it happened.
  redis.call('PEXPIRE', KEYS[3], tonumber(ARGV[5]) + tonumber(ARGV[11]))
end
for _, index in ipairs({ KEYS[5], KEYS[6], KEYS[7] }) do redis.call('ZADD', index, ARGV[3], ARGV[1]) end
redis.call('ZREMRANGEBYRANK', KEYS[7], 0, -keep - 1)
redis.call('PEXPIRE', KEYS[7], ttl)
return { 'raised' }
