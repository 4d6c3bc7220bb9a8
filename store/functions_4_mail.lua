-- SPDX-License-Identifier: Apache-2.0
--
-- Mailboxes.

-- ---- mailboxes ----
--
-- mail-due holds every waiting message (member PERSON \0 CHANNEL \0 ID, score = ready at),
-- mail-claims and mail-claimed those in somebody's hands, mail:PERSON:CHANNEL the entries of
-- both by id, mail-seen:PERSON:CHANNEL the ids ever put, with the time of that.
-- mail-gather:PERSON:CHANNEL holds the ids that may go together with others of the mailbox, with
-- the instant from which on they may. An instant in an argument is "READY" or "READY;GATHER".

local function mail_names(base)
    return {
        waiting = base .. 'mail-due',
        claims = base .. 'mail-claims',
        claimed = base .. 'mail-claimed',
    }
end

local function mail_member(person, channel, id)
    return person .. '\0' .. channel .. '\0' .. id
end

local function mailbox(base, person, channel)
    return base .. 'mail:' .. person .. ':' .. channel
end

local function mailbox_seen(base, person, channel)
    return base .. 'mail-seen:' .. person .. ':' .. channel
end

local function mailbox_gather(base, person, channel)
    return base .. 'mail-gather:' .. person .. ':' .. channel
end

-- Fills thing.ready and thing.gather (nil: it goes alone) from what was sent.
local function ready_read(thing, text)
    local ready, gather = string.match(text or '', '^(%d+);(%d+)$')
    thing.ready = ready or text
    thing.gather = gather
end

local function is_ready(thing)
    return is_number(thing.ready or '') and (not thing.gather or is_number(thing.gather))
end

local function item_read(args, at)
    local item = {
        person = args[at],
        channel = args[at + 1],
        id = args[at + 2],
        entry = args[at + 4],
        facts = args[at + 5],
    }
    ready_read(item, args[at + 3])
    return item
end

local function mailbox_types(base, person, channel)
    return wrong_types({
        mailbox(base, person, channel), 'hash',
        mailbox_seen(base, person, channel), 'zset',
        mailbox_gather(base, person, channel), 'zset' })
end

-- The same for who takes out: what was ever put is not looked at then.
local function mailbox_open_types(base, person, channel)
    return wrong_types({
        mailbox(base, person, channel), 'hash', mailbox_gather(base, person, channel), 'zset' })
end

local function item_check(base, item)
    if not is_ready(item) then
        return argument_error('a message without an instant')
    end
    return mailbox_types(base, item.person, item.channel)
end

-- The message waits until its instant.
local function item_wait(base, item)
    redis.call(
        'ZADD', base .. 'mail-due', item.ready, mail_member(item.person, item.channel, item.id))
    local gather = mailbox_gather(base, item.person, item.channel)
    if item.gather then
        redis.call('ZADD', gather, item.gather, item.id)
    else
        redis.call('ZREM', gather, item.id)
    end
end

-- Answers whether the message is new.
local function item_write(base, item, at_ms, facts)
    local seen = mailbox_seen(base, item.person, item.channel)
    if redis.call('ZSCORE', seen, item.id) then
        return false
    end
    redis.call('ZREMRANGEBYSCORE', seen, '-inf', whole(at_ms - SEEN_KEPT_MS))
    redis.call('ZADD', seen, whole(at_ms), item.id)
    redis.call('HSET', mailbox(base, item.person, item.channel), item.id, item.entry)
    item_wait(base, item)
    if item.facts ~= '' then
        facts[#facts + 1] = item.facts
    end
    return true
end

local function mail_types(base)
    return claim_types(mail_names(base)) or wrong_type(base .. 'journal', 'stream')
end

-- KEYS: a partition's base. ARGV: for each message person, channel, id, ready ms, entry, facts.
-- Answers 1 for each that is new.
local function mail_put(keys, args)
    local base = keys[1]
    local wrong = mail_types(base)
    local items = {}
    for at = 1, #args, 6 do
        items[#items + 1] = item_read(args, at)
        wrong = wrong or item_check(base, items[#items])
    end
    if wrong then
        return wrong
    end
    local answer, facts, at_ms = {}, {}, real_ms()
    for i, item in ipairs(items) do
        answer[i] = item_write(base, item, at_ms, facts) and 1 or 0
    end
    journal_write(base, facts)
    return answer
end

local GATHERED_MAX = 512 -- messages a claim answers, with those gathered

local function member_parse(member)
    return string.match(member, '^([^%z]*)%z([^%z]*)%z(.*)$')
end

-- Adds to found which of these pairs of id and instant wait and may go now, or with what goes now.
local function gather_some(names, mailbox_of, pairs_of, now, found, known)
    for i = 1, #pairs_of, 2 do
        local member = mail_member(mailbox_of.person, mailbox_of.channel, pairs_of[i])
        local score = not known[member] and #found < GATHERED_MAX and
            redis.call('ZSCORE', names.waiting, member)
        if score and (tonumber(pairs_of[i + 1]) <= now or tonumber(score) <= now) then
            found[#found + 1] = { member, score, '0' }
            known[member] = 'due'
        end
    end
end

-- All of a mailbox, a portion at a time: the first ones may be in somebody's hands.
local function gather_mailbox(base, names, mailbox_of, now, found, known)
    local key = mailbox_gather(base, mailbox_of.person, mailbox_of.channel)
    local first = 0
    repeat
        local some = redis.call('ZRANGE', key, first, first + GATHERED_MAX - 1, 'WITHSCORES')
        gather_some(names, mailbox_of, some, now, found, known)
        first = first + GATHERED_MAX
    until #some < 2 * GATHERED_MAX or #found >= GATHERED_MAX
end

-- Writes nothing.
local function gather_find(base, names, now, found, known)
    local looked = {}
    for i = 1, #found do -- not those added on the way
        local person, channel, id = member_parse(found[i][1])
        local gather = mailbox_gather(base, person, channel)
        if found[i][3] == '0' and not looked[gather] and redis.call('ZSCORE', gather, id) then
            looked[gather] = true
            local mailbox_of = { person = person, channel = channel }
            gather_mailbox(base, names, mailbox_of, tonumber(now), found, known)
        end
    end
end

local function claim_check(base, names, found)
    local checked = {}
    for _, one in ipairs(found) do
        local person, channel = member_parse(one[1])
        if not person then
            return bad_data(names.waiting)
        end
        local box = mailbox(base, person, channel)
        local wrong = not checked[box] and mailbox_open_types(base, person, channel)
        if wrong then
            return wrong
        end
        checked[box] = true
    end
    return nil
end

-- KEYS: a partition's base. ARGV: now ms, max, the claimer. Answers {next score or '',
-- {person \0 channel \0 id, entry, mark, ...}}. With a message that may be gathered come the
-- others of its mailbox, also beyond max.
local function mail_claim(keys, args)
    local base, now, max = keys[1], args[1], tonumber(args[2])
    local names = mail_names(base)
    local wrong = claim_types(names)
    if wrong then
        return wrong
    end
    local who = claimer_read(args, 3)
    local found, known = claim_find(names, who, now, max)
    wrong = claim_check(base, names, found)
    if wrong then
        return wrong
    end
    gather_find(base, names, now, found, known)
    local mails = {}
    for _, one in ipairs(found) do
        local person, channel, id = member_parse(one[1])
        mails[#mails + 1] = one[1]
        mails[#mails + 1] = redis.call('HGET', mailbox(base, person, channel), id) or ''
        mails[#mails + 1] = one[3]
    end
    claim_write(names, who, found, known)
    return { next_score(names.waiting), mails }
end

local function is_ours(names, owner, member)
    local text = redis.call('HGET', names.claimed, member)
    return text and claim_parse(text) == owner and text
end

-- The texts of those claims that are this owner's, by member; one request for all of a batch.
local function ours_find(names, owner, members)
    local found = {}
    if #members > 0 then
        for i, text in ipairs(redis.call('HMGET', names.claimed, unpack(members))) do
            found[members[i]] = text and claim_parse(text) == owner and text or nil
        end
    end
    return found
end

-- KEYS: a partition's base. ARGV: owner, lease ms, for each message person, channel, id. Marks
-- that an attempt begins and renews the lease; answers 1 for each that is still the owner's.
local function mail_mark(keys, args)
    local names = mail_names(keys[1])
    local wrong = claim_types(names)
    if wrong then
        return wrong
    end
    local members = {}
    for at = 3, #args, 3 do
        members[#members + 1] = mail_member(args[at], args[at + 1], args[at + 2])
    end
    local ours = ours_find(names, args[1], members)
    local answer, texts, leases = {}, {}, {}
    local ends = whole(real_ms() + tonumber(args[2]))
    for i, member in ipairs(members) do
        if ours[member] then
            texts[#texts + 1] = member
            texts[#texts + 1] = '1' .. string.sub(ours[member], 2)
            leases[#leases + 1] = ends
            leases[#leases + 1] = member
        end
        answer[i] = ours[member] and 1 or 0
    end
    call_all('HSET', names.claimed, texts)
    call_all('ZADD', names.claims, leases)
    return answer
end

local SETTLE_ARGS = 8 -- before the follower's six

local function settles_read(args)
    local settles, at = {}, 2
    while at <= #args do
        local settle = {
            person = args[at],
            channel = args[at + 1],
            id = args[at + 2],
            final = args[at + 3] == '1',
            entry = args[at + 5],
            facts = args[at + 6],
        }
        ready_read(settle, args[at + 4])
        local follows = args[at + 7] == '1'
        at = at + SETTLE_ARGS
        if follows then
            settle.follower = item_read(args, at)
            at = at + 6
        end
        settles[#settles + 1] = settle
    end
    return settles
end

local function settle_check(base, settle)
    if not settle.final and not is_ready(settle) then
        return argument_error('a message that goes on needs an instant')
    end
    return mailbox_open_types(base, settle.person, settle.channel) or
        (settle.follower and item_check(base, settle.follower)) or nil
end

-- Its claim is ended by the caller.
local function settle_write(base, settle, at_ms, facts)
    local box = mailbox(base, settle.person, settle.channel)
    if settle.final then
        redis.call('HDEL', box, settle.id)
        redis.call('ZREM', mailbox_gather(base, settle.person, settle.channel), settle.id)
    else
        redis.call('HSET', box, settle.id, settle.entry)
        item_wait(base, settle)
    end
    if settle.facts ~= '' then
        facts[#facts + 1] = settle.facts
    end
    if settle.follower then
        item_write(base, settle.follower, at_ms, facts)
    end
end

-- KEYS: a partition's base. ARGV: owner, then for each message person, channel, id, '1' when it
-- is done with, else when to try again and the new entry, facts, '1' when another channel's
-- message follows and that message as for mail_put. Answers 1 for each that was the owner's.
local function mail_settle(keys, args)
    local base = keys[1]
    local names = mail_names(base)
    local settles = settles_read(args)
    local wrong = mail_types(base)
    for _, settle in ipairs(settles) do
        wrong = wrong or settle_check(base, settle)
    end
    if wrong then
        return wrong
    end
    local members = {}
    for i, settle in ipairs(settles) do
        members[i] = mail_member(settle.person, settle.channel, settle.id)
    end
    local ours = ours_find(names, args[1], members)
    local answer, facts, ended, at_ms = {}, {}, {}, real_ms()
    for i, settle in ipairs(settles) do
        answer[i] = ours[members[i]] and 1 or 0
        if ours[members[i]] then
            ours[members[i]] = nil -- named twice, it counts once
            ended[#ended + 1] = members[i]
            settle_write(base, settle, at_ms, facts)
        end
    end
    call_all('ZREM', names.claims, ended)
    call_all('HDEL', names.claimed, ended)
    journal_write(base, facts)
    return answer
end

local MERGE_ARGS = 7 -- before the parts' ids

-- Is each of the parts this owner's? The texts of their claims, or nil.
local function parts_find(names, owner, person, channel, args)
    local texts = {}
    for at = MERGE_ARGS + 1, #args do
        local text = is_ours(names, owner, mail_member(person, channel, args[at]))
        if not text then
            return nil
        end
        texts[#texts + 1] = text
    end
    return texts
end

local function parts_remove(base, names, person, channel, args)
    for at = MERGE_ARGS + 1, #args do
        local member = mail_member(person, channel, args[at])
        redis.call('ZREM', names.claims, member)
        redis.call('HDEL', names.claimed, member)
        redis.call('HDEL', mailbox(base, person, channel), args[at])
        redis.call('ZREM', mailbox_gather(base, person, channel), args[at])
    end
end

-- KEYS: a partition's base. ARGV: owner, lease ms, person, channel, id ('' none), entry, facts,
-- then the ids of the parts. The parts, all the owner's, leave; in their place stands that one
-- message, claimed by the owner. Answers 1, also when that was done before; 0 when a part was lost.
local function mail_merge(keys, args)
    local base, owner, person, channel, id = keys[1], args[1], args[3], args[4], args[5]
    local names = mail_names(base)
    local wrong = mail_types(base) or mailbox_types(base, person, channel)
    if wrong then
        return wrong
    end
    if #args <= MERGE_ARGS or not is_number(args[2]) then
        return argument_error('a message made of none')
    end
    local texts = parts_find(names, owner, person, channel, args)
    if not texts then
        local done = id ~= '' and is_ours(names, owner, mail_member(person, channel, id))
        return { done and 1 or 0 }
    end
    local at_ms = real_ms()
    parts_remove(base, names, person, channel, args)
    if id ~= '' then
        local member = mail_member(person, channel, id)
        redis.call('HSET', mailbox(base, person, channel), id, args[6])
        redis.call('ZADD', mailbox_seen(base, person, channel), whole(at_ms), id)
        redis.call('ZADD', names.claims, whole(at_ms + tonumber(args[2])), member)
        redis.call('HSET', names.claimed, member, '0' .. string.sub(texts[1], 2))
    end
    if args[7] ~= '' then
        journal_write(base, { args[7] })
    end
    return { 1 }
end

redis.register_function('nrt1_mail_merge', mail_merge)
