-- The database has the result: mark it, and let the attempt die sooner. Safe to resend. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:answers
-- KEYS[3] kw1:{sNN}:a:<attempt>:paper
-- KEYS[4] kw1:{sNN}:a:<attempt>:late
-- KEYS[5] kw1:{sNN}:a:<attempt>:side
-- KEYS[6] kw1:{sNN}:a:<attempt>:commands
-- KEYS[7] kw1:{sNN}:a:<attempt>:facts
-- KEYS[8] kw1:{sNN}:undurable
-- ARGV[1] attempt   ARGV[2] how long it stays after its closing, ms
-- returns 1 when marked, 0 when it is not closed
redis.call('ZREM', KEYS[8], ARGV[1])
local h = redis.call('HMGET', KEYS[1], 'st', 'closed')
if h[1] ~= 'closed' then
  return 0
end
local dies = dies_at(tonumber(h[2]) + tonumber(ARGV[2]))
redis.call('HSET', KEYS[1], 'durable', 1, 'dies', dies)
for i = 1, 7 do
  redis.call('PEXPIREAT', KEYS[i], dies)
end
return 1
