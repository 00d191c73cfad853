-- Keep the first hand-in receipt; when the database has the result, mark it and let the attempt die sooner. Safe to resend. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:answers
-- KEYS[3] kw1:{sNN}:a:<attempt>:paper
-- KEYS[4] kw1:{sNN}:a:<attempt>:late
-- KEYS[5] kw1:{sNN}:a:<attempt>:side
-- KEYS[6] kw1:{sNN}:a:<attempt>:commands
-- KEYS[7] kw1:{sNN}:a:<attempt>:facts
-- KEYS[8] kw1:{sNN}:undurable
-- ARGV[1] attempt   ARGV[2] how long it stays after its closing, ms   ARGV[3] 1 when the database has the result
-- ARGV[4] receipt
-- returns the receipt that is kept; empty when it is not closed
if ARGV[3] == '1' then
  redis.call('ZREM', KEYS[8], ARGV[1])
end
local h = redis.call('HMGET', KEYS[1], 'st', 'closed')
if h[1] ~= 'closed' then
  return ''
end
redis.call('HSETNX', KEYS[1], 'receipt', ARGV[4])
if ARGV[3] == '1' then
  local dies = dies_at(tonumber(h[2]) + tonumber(ARGV[2]))
  redis.call('HSET', KEYS[1], 'durable', 1, 'dies', dies)
  for i = 1, 7 do
    redis.call('PEXPIREAT', KEYS[i], dies)
  end
end
return redis.call('HGET', KEYS[1], 'receipt')
