-- How much waits in one shard. Reads only.
-- KEYS[1] kw1:{sNN}:log
-- KEYS[2] kw1:{sNN}:deadlines
-- KEYS[3] kw1:{sNN}:undurable
-- ARGV[1] group   ARGV[2] most entries that are counted one by one, where the node keeps no count (before 7.0)
-- returns {entries that wait for the record, id of the oldest of them or empty, running, closed without durable result}
local waiting, oldest, last, lag = 0, '', '0-0', false
if redis.call('EXISTS', KEYS[1]) == 1 then
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local told = {}
    for i = 1, #group, 2 do
      told[group[i]] = group[i + 1]
    end
    if told['name'] == ARGV[1] then
      last, lag = told['last-delivered-id'], told['lag']
      local pending = redis.call('XPENDING', KEYS[1], ARGV[1])
      waiting, oldest = pending[1], pending[2] or ''
    end
  end
  local new = redis.call('XRANGE', KEYS[1], '(' .. last, '+', 'COUNT', lag and 1 or ARGV[2])
  waiting = waiting + (tonumber(lag) or #new)
  if oldest == '' and #new > 0 then
    oldest = new[1][1]
  end
end
return { waiting, oldest, redis.call('ZCARD', KEYS[2]), redis.call('ZCARD', KEYS[3]) }
