-- Keep the first result and the first hand-in receipt; when the database has the result, mark it and let the attempt die sooner. Safe to resend. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:answers
-- KEYS[3] kw1:{sNN}:a:<attempt>:paper
-- KEYS[4] kw1:{sNN}:a:<attempt>:late
-- KEYS[5] kw1:{sNN}:a:<attempt>:side
-- KEYS[6] kw1:{sNN}:a:<attempt>:commands
-- KEYS[7] kw1:{sNN}:a:<attempt>:facts
-- KEYS[8] kw1:{sNN}:undurable
-- KEYS[9] kw1:{sNN}:log
-- KEYS[10] kw1:{sNN}:shard
-- ARGV[1] run id   ARGV[2] how long it stays after its closing, ms   ARGV[3] 1 when the database has the result
-- ARGV[4] receipt   ARGV[5] result, empty where one is kept already
-- returns {result, receipt} where others are kept than these, each empty where not; false when it is not closed
-- error UNREADY, for a result, when the shard is not reconciled under that run id
if ARGV[5] ~= '' and redis.call('HGET', KEYS[10], 'run') ~= ARGV[1] then
  return redis.error_reply('UNREADY under this run id')
end
local h = redis.call('HMGET', KEYS[1], 'st', 'closed', 'result', 'receipt', 'id', 'sid', 'fence', 'seq', 'late',
  'side', 'cmds')
if h[1] ~= 'closed' then
  return false
end
local result, receipt, fresh = '', h[4] or '', false
if ARGV[5] ~= '' and h[3] ~= '' then
  result = h[3]
elseif ARGV[5] ~= '' then
  fresh = true
end
local kept = receipt == '' and ARGV[4] or receipt
if ARGV[3] == '1' then
  local dies = dies_at(tonumber(h[2]) + tonumber(ARGV[2]))
  redis.call('HSET', KEYS[1], 'result', fresh and ARGV[5] or h[3], 'receipt', kept, 'durable', 1, 'dies', dies)
  redis.call('ZREM', KEYS[8], h[5])
  redis.call('PEXPIREAT', KEYS[1], dies)
  redis.call('PEXPIREAT', KEYS[2], dies)
  redis.call('PEXPIREAT', KEYS[3], dies)
  redis.call('PEXPIREAT', KEYS[7], dies)
  for at, key in ipairs({ KEYS[4], KEYS[5], KEYS[6] }) do
    if h[8 + at] ~= '0' then -- there is something late, from other devices, for the page
      redis.call('PEXPIREAT', key, dies)
    end
  end
else
  redis.call('HSET', KEYS[1], 'result', fresh and ARGV[5] or h[3], 'receipt', kept)
  redis.call('ZADD', KEYS[8], 'XX', h[2], h[5]) -- whoever handed in no longer waits: the worker's from now on
end
if fresh then
  say(KEYS[9], 'result', h[5], h[6], h[2], h[7], h[8], ARGV[5])
end
return { result, receipt }
