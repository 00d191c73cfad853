-- Take one sync: ops, events, sign of life. Heads are only compared, never computed. Safe to resend. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:answers
-- KEYS[3] kw1:{sNN}:a:<attempt>:late
-- KEYS[4] kw1:{sNN}:a:<attempt>:side
-- KEYS[5] kw1:{sNN}:a:<attempt>:commands
-- KEYS[6] kw1:{sNN}:log
-- KEYS[7] kw1:{sNN}:deadlines
-- KEYS[8] kw1:{sNN}:shard
-- ARGV[1] run id   ARGV[2] fence   ARGV[3] base   ARGV[4] ops (39 bytes each)   ARGV[5] heads (32 bytes each)
-- ARGV[6] events, JSON or empty   ARGV[7] highest command number shown   ARGV[8] now_ms   ARGV[9] source
-- returns {took, state, fence, seq, head, end, pause, side, late, closed, durable, kept, held: how many of these ops
--   counted before (if took is ok), commands shown before, command, …}; error UNREADY when the shard is not reconciled under that run id
local BEAT_MS, GAP_MS, GRACE_MS = 1000, 3000, 5000
local SIDE_MAX, LATE_MAX, SOURCES_MAX, COMMANDS_MAX = 500, 2000, 10, 50

local now = tonumber(ARGV[8])
local shard = redis.call('HMGET', KEYS[8], 'run', 'beat')
if shard[1] ~= ARGV[1] then
  return redis.error_reply('UNREADY under this run id')
end
local beat = now - tonumber(shard[2] or now)
if beat > BEAT_MS and beat <= GAP_MS then
  redis.call('HSET', KEYS[8], 'beat', ARGV[8]) -- a served call is a beat; a gap is left for beat.lua to see
end

local attempt, ops, heads = KEYS[1], ARGV[4], ARGV[5]
local fence, base, n = tonumber(ARGV[2]), tonumber(ARGV[3]), #ARGV[4] / 39
local h = redis.call('HMGET', attempt, 'st', 'fence', 'seq', 'head', 'end', 'pause', 'side', 'late', 'closed',
  'durable', 'cmds', 'src', 'slots', 'id', 'sid')
local st, id, sid = h[1], h[14], h[15]
if not st or st == 'ready' then
  return { 'not-started', st or 'ready', 0, 0, '', 0, 0, 0, 0, 0, 0, 0, 0 }
end
local held_fence, held, head = tonumber(h[2]), tonumber(h[3]), h[4]
local side, late = tonumber(h[7]), tonumber(h[8])
local done = st == 'closed' or st == 'void'
local over = done or (st == 'running' and now >= tonumber(h[5]) + GRACE_MS)
local took = 'ok'

if fence > held_fence and not done then -- a failover lost the opening of this fence: the token is signed, it wins
  redis.call('HSET', attempt, 'o' .. h[2] .. 's', h[3], 'o' .. h[2] .. 'h', head, 'fence', ARGV[2], 'seq', 0,
    'head', '', 'key', '', 'src', ARGV[9], 'src2', '', 'srcn', 0)
  redis.call('XADD', KEYS[6], '*', 'k', 'fence', 'a', id, 's', sid, 't', ARGV[8], 'f', ARGV[2], 'b', 0,
    'd', cjson.encode({ storage_key = '', source = ARGV[9] }))
  held_fence, held, head, h[3], h[12] = fence, 0, '', '0', ARGV[9]
end

-- The way of nearly every call, written out so that it costs little: the writing fence, in time. Numbers go into
-- commands as text: Redis would write them as floats, with all digits.
local counts, from = fence == held_fence and not over, held - base
if counts then
  if from < 0 then
    took = 'behind'
  elseif from <= n and held > 0 and string.sub(heads, from * 32 + 1, from * 32 + 32) ~= head then
    took = 'fork'
  end
  if took == 'ok' and from < n then
    local slots = tonumber(h[13])
    for i = from, n - 1 do
      local kind, high, low = string.byte(ops, i * 39 + 9, i * 39 + 11)
      local slot = high * 256 + low
      if kind == 1 and slot < slots then
        redis.call('SETRANGE', KEYS[2], string.format('%d', slot * 4), string.sub(ops, i * 39 + 28, i * 39 + 31))
      elseif kind == 2 then
        local t = redis.call('HMGET', attempt, 'start', 'early')
        local due = math.max(now, tonumber(t[1]) + tonumber(t[2]))
        redis.call('HSET', attempt, 'hin', due)
        redis.call('ZADD', KEYS[7], st == 'running' and math.min(due, tonumber(h[5])) or due, id)
      end
    end
    redis.call('XADD', KEYS[6], '*', 'k', 'ops', 'a', id, 's', sid, 't', ARGV[8], 'f', ARGV[2], 'b', h[3],
      'd', from == 0 and ops or string.sub(ops, from * 39 + 1))
    held, head = base + n, string.sub(heads, -32)
    redis.call('HSET', attempt, 'seq', string.format('%d', held), 'head', head, 'seen', ARGV[8])
    if late > 0 then -- an extension came after them: what was late is held now
      local l = redis.call('HMGET', attempt, 'lf', 'ls')
      if tonumber(l[1]) == fence then
        late = math.min(late, math.max(0, tonumber(l[2]) - held))
        redis.call('HSET', attempt, 'late', late)
        if late == 0 then
          redis.call('DEL', KEYS[3])
        end
      end
    end
  else
    redis.call('HSET', attempt, 'seen', ARGV[8])
  end
end
local kept = held

if not counts or took == 'fork' then
  -- (view)
  -- Where the ops join what is held up to `upto` with head `at`: 'behind', 'fork', 'have', or 'new' and how many
  -- of them are held already.
  local function join(upto, at)
    if base > upto then
      return 'behind', 0
    end
    local from = upto - base
    if from > n then
      return 'have', n
    end
    if upto > 0 and string.sub(heads, from * 32 + 1, from * 32 + 32) ~= at then
      return 'fork', 0
    end
    return from < n and 'new' or 'have', from
  end

  local function forked(upto, at)
    local from = upto - base
    local given = string.sub(heads, from * 32 + 1, from * 32 + 32)
    local mark = fence .. ':' .. upto .. ':' .. given
    if redis.call('HGET', attempt, 'fork') ~= mark then -- a page that asks again is logged once
      redis.call('HSET', attempt, 'fork', mark)
      local hex = function(s) return (string.gsub(s, '.', function(c) return string.format('%02x', string.byte(c)) end)) end
      say(KEYS[6], 'fork', id, sid, now, fence, upto, cjson.encode({ held = hex(at), given = hex(given), n = n }))
    end
    return 'fork'
  end

  -- A fence that no longer writes: kept beside the attempt, offered to the writer.
  local function take_side()
    local o = redis.call('HMGET', attempt, 'o' .. fence .. 's', 'o' .. fence .. 'h', 'dies')
    local upto, at = tonumber(o[1] or 0), o[2] or ''
    local where, first = join(upto, at)
    kept = upto
    if where == 'fork' then
      return forked(upto, at)
    elseif where == 'new' then
      local room, count = math.max(0, SIDE_MAX - side), n - first
      local new = string.sub(ops, first * 39 + 1, (first + math.min(room, count)) * 39)
      if #new > 0 then
        redis.call('APPEND', KEYS[4], new)
        redis.call('PEXPIREAT', KEYS[4], o[3])
        say(KEYS[6], 'side', id, sid, now, fence, upto, new)
      end
      if side == 0 then
        tell(attempt, KEYS[5], cjson.encode({ kind = 'side', at_ms = now }))
        h[11] = tonumber(h[11]) + 1
      end
      side, kept = side + count, base + n
      redis.call('HSET', attempt, 'side', side, 'o' .. fence .. 's', kept, 'o' .. fence .. 'h', string.sub(heads, -32))
    end
    return 'side'
  end

  -- The writing fence after the end, or a fence that was lost with it: kept for a person to decide.
  local function take_late()
    local l = redis.call('HMGET', attempt, 'lf', 'ls', 'lh', 'hold', 'dies')
    local upto, at = tonumber(l[2] or 0), l[3] or ''
    if l[1] and tonumber(l[1]) > fence then
      return take_side()
    elseif l[1] and tonumber(l[1]) < fence then
      leave_fence(attempt, l[1], upto, at)
      upto, at = 0, ''
    elseif not l[1] and fence > held_fence then
      leave_fence(attempt, h[2], held, head)
    end
    if fence == held_fence and upto < held then
      upto, at = held, head
    end
    local where, first = join(upto, at)
    kept = upto
    if where == 'behind' then
      return 'behind'
    elseif where == 'fork' then
      return forked(upto, at)
    elseif where == 'have' then
      if fence == held_fence and base + n <= held then
        return 'ok'
      end
      return (l[4] == '1' and st ~= 'void') and 'late' or 'late-refused'
    end
    local new, count = string.sub(ops, first * 39 + 1), n - first
    if l[4] ~= '1' or st == 'void' or late + count > LATE_MAX then
      if late + count <= LATE_MAX then
        say(KEYS[6], 'late-refused', id, sid, now, fence, upto, new)
        redis.call('HSET', attempt, 'lf', fence, 'ls', base + n, 'lh', string.sub(heads, -32))
        kept = base + n
      end
      return 'late-refused'
    end
    redis.call('APPEND', KEYS[3], new)
    redis.call('PEXPIREAT', KEYS[3], l[5])
    redis.call('HSET', attempt, 'lf', fence, 'ls', base + n, 'lh', string.sub(heads, -32), 'late', late + count)
    say(KEYS[6], 'late', id, sid, now, fence, upto, new)
    late, kept = late + count, base + n
    return 'late'
  end

  if took == 'fork' then
    forked(held, head)
  elseif fence < held_fence then
    took = take_side()
  else
    took = take_late()
    redis.call('HSET', attempt, 'seen', ARGV[8])
  end
end

if counts and h[12] ~= ARGV[9] then
  local s = redis.call('HMGET', attempt, 'src2', 'srcn')
  if s[1] == ARGV[9] and tonumber(s[2] or 0) < SOURCES_MAX then -- A B A: two sources take turns
    redis.call('HINCRBY', attempt, 'srcn', 1)
    redis.call('XADD', KEYS[6], '*', 'k', 'source', 'a', id, 's', sid, 't', ARGV[8], 'f', ARGV[2], 'b', 0,
      'd', cjson.encode({ sources = { h[12], ARGV[9] } }))
  end
  redis.call('HSET', attempt, 'src', ARGV[9], 'src2', h[12] or '')
end

if #ARGV[6] > 0 then
  redis.call('XADD', KEYS[6], '*', 'k', 'events', 'a', id, 's', sid, 't', ARGV[8], 'f', ARGV[2], 'b', 0,
    'd', ARGV[6])
end

local ack = tonumber(ARGV[7])
local reply = { took, st, held_fence, held, head, tonumber(h[5]), tonumber(h[6]), side, late, tonumber(h[9]),
  tonumber(h[10]), kept, counts and math.min(from, n) or n, ack }
if tonumber(h[11]) > ack then
  for _, command in ipairs(redis.call('LRANGE', KEYS[5], ack, ack + COMMANDS_MAX - 1)) do
    reply[#reply + 1] = command
  end
end
return reply
