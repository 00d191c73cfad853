-- Keep the first result of a closed attempt. Safe to resend. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:log
-- KEYS[3] kw1:{sNN}:shard
-- ARGV[1] run id   ARGV[2] result
-- returns the result that is kept, empty when there is none because the attempt is not closed
-- error UNREADY when the shard is not reconciled under that run id
if redis.call('HGET', KEYS[3], 'run') ~= ARGV[1] then
  return redis.error_reply('UNREADY under this run id')
end
local h = redis.call('HMGET', KEYS[1], 'st', 'result', 'id', 'sid', 'closed', 'fence', 'seq')
if h[1] ~= 'closed' or h[2] ~= '' then
  return h[2] or ''
end
redis.call('HSET', KEYS[1], 'result', ARGV[2])
say(KEYS[2], 'result', h[3], h[4], h[5], h[6], h[7], ARGV[2])
return ARGV[2]
