"""How a federation comes into being: everybody makes their own keys, and compares fingerprints.

The operator sets up a folder (:mod:`.setup`). A member makes keys and a request on its own machine
(:mod:`.member`); the operator certifies the request and lists a node in the manifest (:mod:`.operator`); the
member checks the reply and installs it. Only public things travel, and each side tells the other a
fingerprint by another way, so whoever carries the files can't change them unseen.
"""
