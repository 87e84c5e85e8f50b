"""Telling people: the in-app inbox, and the ways out to phones and mail.

What happened, and whom it concerns, is known above: a room declares its causes (`causes`), calls
`telling.tell` in the transaction of the act and `telling.untell` when the matter is done. Reading
is in `inbox`, the queue of what leaves the house in `delivering`, each way out in `channels`.
Text messages with codes, which are kept nowhere, go by `sms` alone.
"""
