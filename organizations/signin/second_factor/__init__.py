"""The second factor: who needs one, which count, and how they are set up and asked for.

Every way of signing in ends in a session with recorded authentications; `gate` compares them
with what the person's posts need, at every request, and lets nothing through before that but
setting up, answering the challenge and signing out. Ways of signing in are not here.
"""
