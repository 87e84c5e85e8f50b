"""What is kept about people: shown to them, handed out, corrected, erased, cleaned away in time.

The lower floors do not know the upper ones, so every app says in its own `personal_data` module
what it keeps (`holdings`), what becomes of it when a person is erased (`rules`) and when it is
cleaned away (`retention`); `AppConfig.ready` imports that module.
"""
