"The error that a call raises, as text: for notebooks, where a call that raises none should not go unnoticed"


def refusal(
    call, # a function that must refuse what it is given
    *args, # of `call`
    **kwargs, # of `call`
)->str: # the message of its error
    "Call a function that must raise an error"
    try: call(*args, **kwargs)
    except (OSError, ValueError) as error: return str(error)
    raise AssertionError('no error was raised')
