-- Tells which server process answers for a key, and which one has been noted there.
--
-- KEYS[1] mark (string: run id)     ARGV[1] run id to be noted, if it is the one that answers ('' only asks)
--
-- Returns the run id of the server that answers, then the one that is noted ('' none).
local id = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
if ARGV[1] == id then redis.call('SET', KEYS[1], id) end
return { id, redis.call('GET', KEYS[1]) or '' }
