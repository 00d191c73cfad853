-- Ready → running under fence 1, where log-in and armed facts are still those that the caller decided by. For one
-- node that holds all keys; a cluster has the log-in elsewhere. Sent again it finds nothing ready.
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:answers
-- KEYS[3] kw1:{sNN}:log
-- KEYS[4] kw1:{sNN}:deadlines
-- KEYS[5] kw1:{sNN}:shard
-- KEYS[6] kw1:{lNN}:login:<hash>
-- KEYS[7] kw1:{sNN}:a:<attempt>:paper
-- ARGV[1] run id   ARGV[2] now_ms   ARGV[3] deadline_ms   ARGV[4] storage key   ARGV[5] source
-- ARGV[6] msgpack of the log-in   ARGV[7] msgpack of the armed facts   ARGV[8] what the log is told, JSON
-- ARGV[9] 1: the paper is wanted
-- returns the paper, or 1 where it is not wanted; 0 where anything is otherwise and nothing was done
if redis.call('GET', KEYS[6]) ~= ARGV[6] or redis.call('HGET', KEYS[5], 'run') ~= ARGV[1] then
  return 0
end
local h = redis.call('HMGET', KEYS[1], 'st', 'meta', 'id', 'sid', 'slots', 'dies')
if h[1] ~= 'ready' or h[2] ~= ARGV[7] then
  return 0
end
local paper = 1
if ARGV[9] == '1' then
  paper = redis.call('GET', KEYS[7]) or 0
end
if paper == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'st', 'running', 'fence', 1, 'key', ARGV[4], 'start', ARGV[2], 'end', ARGV[3],
  'seen', ARGV[2], 'src', ARGV[5])
redis.call('SET', KEYS[2], string.rep('\0', 4 * tonumber(h[5])), 'PXAT', h[6])
redis.call('ZADD', KEYS[4], ARGV[3], h[3])
redis.call('XADD', KEYS[3], '*', 'k', 'start', 'a', h[3], 's', h[4], 't', ARGV[2], 'f', 1, 'b', 0, 'd', ARGV[8])
return paper
