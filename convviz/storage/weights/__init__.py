"""Files of weights alone: those of other programs on their way into a design, and those written for other programs.

``open_file`` lists the arrays of a file, ``matching`` finds the array for each parameter, ``ways`` brings its axes into
the right order, and ``taking`` makes a network of them. ``safetensors_format`` and ``keras_format`` are the formats in
which a model's weights can be saved.
"""
