/* Words that may stand for one that is unknown: completions and corrections (see spelling.py). */
